import { Entity } from '@backstage/catalog-model';
import { parseImageName } from './images';
import {
  indexableLabels,
  isLabelValue,
  LabelRequirement,
  LabelSelectorError,
  parseLabelSelector,
} from './labelSelector';
import { MappingProblem } from './types';

/** Keys of entity annotations that are read, as other plugins use them. @internal */
export const ANNOTATIONS = {
  appName: 'argocd/app-name',
  appSelector: 'argocd/app-selector',
  appNamespace: 'argocd/app-namespace',
  projectName: 'argocd/project-name',
  instanceName: 'argocd/instance-name',
  kubernetesId: 'backstage.io/kubernetes-id',
  kubernetesLabelSelector: 'backstage.io/kubernetes-label-selector',
  kubernetesNamespace: 'backstage.io/kubernetes-namespace',
  kubernetesCluster: 'backstage.io/kubernetes-cluster',
  image: 'switchyard/image',
  tagPrefix: 'switchyard/tag-prefix',
} as const;

/**
 * Keys of entity annotations of which one has to be there for an entity to name Applications.
 *
 * @public
 */
export const APPLICATION_ANNOTATIONS: readonly string[] = [
  ANNOTATIONS.appName,
  ANNOTATIONS.appSelector,
  ANNOTATIONS.projectName,
];

/** Keys by which a target names its entity. @internal */
export const ENTITY_REF_KEYS = [
  'backstage.io/entity-ref',
  'switchyard/entity-ref',
] as const;

const SUBDOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const CLUSTER_NAME = /^[\w.:@/ -]{1,253}$/;
const INSTANCE_NAME = /^[\w.:@/ -]{1,100}$/;
const TAG_PREFIX = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,100}$/;

/**
 * Reads the annotations of one entity. A value that is malformed reads as if it were not there, and leaves a problem that names it.
 *
 * @internal
 */
export class AnnotationReader {
  readonly problems: MappingProblem[] = [];
  readonly #annotations: Readonly<Record<string, string>>;
  /** Of the entity. */
  readonly name: string;

  constructor(entity: Entity) {
    this.#annotations = entity.metadata.annotations ?? {};
    this.name = entity.metadata.name;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#annotations, key);
  }

  appName(): string | undefined {
    return this.#read(ANNOTATIONS.appName, {
      isValid: value => SUBDOMAIN.test(value),
      wants:
        "the name of one Application: lower-case letters, digits, '-' and '.' (several are named by argocd/app-selector)",
      example: this.name,
    });
  }

  appSelector(): LabelRequirement[] | undefined {
    return this.#readSelector(
      ANNOTATIONS.appSelector,
      `backstage-name=${this.name}`,
    );
  }

  appNamespace(): string | undefined {
    return this.#read(ANNOTATIONS.appNamespace, {
      isValid: value => DNS_LABEL.test(value),
      wants: 'the name of one namespace',
      example: 'argocd',
    });
  }

  projectName(): string | undefined {
    return this.#read(ANNOTATIONS.projectName, {
      isValid: value => SUBDOMAIN.test(value),
      wants: 'the name of one Argo CD project',
      example: 'storefront',
    });
  }

  /** In the order in which they stand, which is the order on the screen. */
  instanceNames(): string[] | undefined {
    const value = this.#read(ANNOTATIONS.instanceName, {
      isValid: text =>
        splitList(text).every(
          name => INSTANCE_NAME.test(name) && isInPlace(name),
        ),
      wants: 'names of Argo CD instances with commas between them',
      example: 'main',
    });
    return value === undefined ? undefined : splitList(value);
  }

  kubernetesId(): string | undefined {
    return this.#read(ANNOTATIONS.kubernetesId, {
      isValid: value => value !== '' && isLabelValue(value),
      wants: `the value of the label ${ANNOTATIONS.kubernetesId} on workloads: up to 63 letters, digits, '-', '_' and '.'`,
      example: this.name,
    });
  }

  kubernetesLabelSelector(): LabelRequirement[] | undefined {
    return this.#readSelector(
      ANNOTATIONS.kubernetesLabelSelector,
      `app.kubernetes.io/name=${this.name}`,
    );
  }

  kubernetesNamespace(): string | undefined {
    return this.#read(ANNOTATIONS.kubernetesNamespace, {
      isValid: value => DNS_LABEL.test(value),
      wants: 'the name of one namespace',
      example: 'storefront',
    });
  }

  kubernetesCluster(): string | undefined {
    return this.#read(ANNOTATIONS.kubernetesCluster, {
      isValid: value => CLUSTER_NAME.test(value) && isInPlace(value),
      wants: 'the name of one cluster as the Kubernetes plugin calls it',
      example: 'prod-blue',
    });
  }

  /** Repository in its normal spelling. */
  image(): string | undefined {
    const value = this.#read(ANNOTATIONS.image, {
      isValid: text => {
        const image = parseImageName(text);
        return image !== undefined && !image.tag && !image.digest;
      },
      wants: "an image's registry and repository without a tag",
      example: `registry.example.com/storefront/${this.name}`,
    });
    return value === undefined ? undefined : parseImageName(value)?.repository;
  }

  tagPrefix(): string | undefined {
    return this.#read(ANNOTATIONS.tagPrefix, {
      isValid: value => TAG_PREFIX.test(value),
      wants: 'the beginning that tags of this service have in common',
      example: `${this.name}_`,
    });
  }

  add(what: string, why: string, example?: string): void {
    this.problems.push({
      what,
      why,
      ...(example !== undefined && { example: `${what}: ${example}` }),
    });
  }

  #readSelector(key: string, example: string): LabelRequirement[] | undefined {
    let selector: LabelRequirement[] | undefined;
    let flaw = '';
    this.#read(key, {
      isValid: value => {
        try {
          selector = parseLabelSelector(value);
        } catch (error) {
          if (!(error instanceof LabelSelectorError)) throw error;
          flaw = error.message;
          return false;
        }
        if (indexableLabels(selector).length > 0) return true;
        // Else one annotation could pull every object of every cluster onto a page.
        flaw = "it needs at least one 'key=value' or 'key in (a,b)'";
        selector = undefined;
        return false;
      },
      wants: () => `a label selector: ${flaw}`,
      example,
    });
    return selector;
  }

  #read(
    key: string,
    rule: {
      isValid(value: string): boolean;
      wants: string | (() => string);
      example: string;
    },
  ): string | undefined {
    if (!this.has(key)) return undefined;
    const raw: unknown = this.#annotations[key];
    const value = typeof raw === 'string' ? raw.trim() : '';
    if (value !== '' && !hasControlCharacter(value) && rule.isValid(value)) {
      return value;
    }
    const wants = typeof rule.wants === 'string' ? rule.wants : rule.wants();
    const shown = value === '' ? 'The value is empty' : `${quote(value)}`;
    this.add(
      key,
      value === ''
        ? `${shown}; it should be ${wants}`
        : `${shown} is not ${wants}`,
      rule.example,
    );
    return undefined;
  }
}

/** A value as it may be shown: cut, with control characters made visible. @internal */
export function quote(value: string): string {
  const short = value.length > 80 ? `${value.slice(0, 80)}…` : value;
  return JSON.stringify(short);
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}

// Names of this kind are only compared, never put into an address; what looks like a way out of one is refused all the same.
function isInPlace(value: string): boolean {
  return !value.split('/').some(part => part === '..' || part === '.');
}

function hasControlCharacter(value: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(
    value,
  );
}
