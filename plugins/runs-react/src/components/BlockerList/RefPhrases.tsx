import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { Fragment } from 'react';
import { isEntityRef } from './refs';

/** Entity refs as links, and phrases as they are: 'omar, storefront-owners or the on-duty engineer'. */
export function RefPhrases(props: { refs: readonly string[] }) {
  const { refs } = props;
  return (
    <>
      {refs.map((ref, index) => (
        <Fragment key={ref}>
          {separator(index, refs.length)}
          {isEntityRef(ref) ? <EntityRefLink entityRef={ref} /> : ref}
        </Fragment>
      ))}
    </>
  );
}

function separator(index: number, count: number): string {
  if (index === 0) return '';
  return index === count - 1 ? ' or ' : ', ';
}
