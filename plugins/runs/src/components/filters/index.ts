export {
  DayFilter,
  FilterBar,
  MenuFilter,
  TextFilter,
  type FilterChoice,
} from './FilterFields';
export {
  startOfDay,
  toRef,
  useUrlFilters,
  type UrlFilters,
} from './useUrlFilters';
