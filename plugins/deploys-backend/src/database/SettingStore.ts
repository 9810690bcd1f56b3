/** Settings that all replicas share. */
export interface SettingStore {
  /** The value of the setting; made by the first replica that asks. */
  getOrCreate(name: string, create: () => string): Promise<string>;
}
