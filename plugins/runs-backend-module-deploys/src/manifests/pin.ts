import { ImageReference } from '@switchyard/backstage-plugin-deploys-node';
import { UneditableError } from './replaceScalar';
import { NewImage } from './types';

/** How a place names the version: by tag, by digest, or by both. */
export interface Pin {
  tag?: string;
  digest?: string;
}

/** Only what is there of tag and digest. */
export function pinOf({ tag, digest }: Pin): Pin {
  return {
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** To compare and to show: `v1`, `v1@sha256:…`, `@sha256:…`; null where there is neither. */
export function pinText({ tag, digest }: Pin): string | null {
  return digest === undefined ? tag ?? null : `${tag ?? ''}@${digest}`;
}

/** What a place says once it names the image; undefined where it is pinned and the image's digest is not known. */
export function wantedPinText(now: Pin, image: NewImage): string | undefined {
  if (now.digest === undefined) return image.tag;
  if (image.digest === undefined) return undefined;
  return `${now.tag === undefined ? '' : image.tag}@${image.digest}`;
}

/** @throws UneditableError when it is not known: a digest that stays behind would win over the tag */
export function digestOf({ tag, digest }: NewImage): string {
  if (digest !== undefined) return digest;
  throw new UneditableError(
    `it is pinned by digest, and the digest of ${tag} is not known`,
  );
}

/** The image's name with another tag and, where it is pinned, another digest. One that names a digest only goes on doing so. */
export function writeReference(
  { written, tag, digest }: ImageReference,
  image: NewImage,
): string {
  if (digest === undefined) return `${written}:${image.tag}`;
  return `${written}${tag === undefined ? '' : `:${image.tag}`}@${digestOf(
    image,
  )}`;
}
