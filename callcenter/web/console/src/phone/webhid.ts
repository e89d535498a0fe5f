/** What is used of WebHID (https://wicg.github.io/webhid): TypeScript does not know it. */

export interface HidItem {
  usages?: number[];
  isRange?: boolean;
  usageMinimum?: number;
  usageMaximum?: number;
  isConstant?: boolean;
  isAbsolute?: boolean;
  isArray?: boolean;
  reportSize?: number;
  reportCount?: number;
}
export interface HidReport {
  reportId?: number;
  items?: HidItem[];
}
export interface HidCollection {
  usagePage?: number;
  inputReports?: HidReport[];
  outputReports?: HidReport[];
  children?: HidCollection[];
}
export interface HidInput extends Event {
  reportId: number;
  data: DataView;
}
export interface HidDevice extends EventTarget {
  productName: string;
  opened: boolean;
  collections: HidCollection[];
  open(): Promise<void>;
  close(): Promise<void>;
  forget?(): Promise<void>;
  sendReport(reportId: number, data: Uint8Array<ArrayBuffer>): Promise<void>;
}
export interface Hid extends EventTarget {
  getDevices(): Promise<HidDevice[]>;
  requestDevice(options: { filters: { usagePage: number }[] }): Promise<HidDevice[]>;
}

/** Absent in Firefox and Safari, and on a page that is not secure. */
export const hid = (): Hid | null => (navigator as Navigator & { hid?: Hid }).hid ?? null;
