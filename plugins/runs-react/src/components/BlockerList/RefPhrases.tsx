import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { Fragment } from 'react';
import { isEntityRef } from './refs';

/**
 * Entity refs as links, and phrases as they are: 'omar, storefront-owners or the on-duty engineer'. `last` is the word before the last one.
 *
 * @public
 */
export function RefPhrases(props: {
  refs: readonly string[];
  last?: 'or' | 'and';
}) {
  const { refs, last = 'or' } = props;
  return (
    <>
      {refs.map((ref, index) => (
        <Fragment key={ref}>
          {separator(index, refs.length, last)}
          {isEntityRef(ref) ? <EntityRefLink entityRef={ref} /> : ref}
        </Fragment>
      ))}
    </>
  );
}

function separator(index: number, count: number, last: string): string {
  if (index === 0) return '';
  return index === count - 1 ? ` ${last} ` : ', ';
}
