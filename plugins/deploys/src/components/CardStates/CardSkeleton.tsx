import Skeleton from '@material-ui/lab/Skeleton';

/** Where nothing is known yet: the outline of a sentence and of some rows. */
export function CardSkeleton(props: { label: string; rows?: number }) {
  const { label, rows = 3 } = props;
  return (
    <div aria-busy="true" aria-label={label} role="status">
      <Skeleton variant="text" width="45%" height={28} />
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} variant="text" height={36} />
      ))}
    </div>
  );
}
