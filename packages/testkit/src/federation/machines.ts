// What a simulated world runs, and what a mutant may replace: the machines themselves carry no switches.
import { amnesiaRecord, applyRecord, type Custody, type CustodyEffect, stepBorder } from "@sojourn/protocol";

export interface Machines {
  readonly stepBorder: typeof stepBorder;
  readonly applyRecord: typeof applyRecord;
  /** Effects that leave before their record is durable. */
  readonly isHasty: (effect: CustodyEffect) => boolean;
  /** A restart takes the checkpoint without the records after it. */
  readonly isForgettingSuffix: boolean;
  /** A restart takes the checkpoint and all records after it but the first. */
  readonly isSkippingRecord: boolean;
  /** A restart writes on after a torn record instead of cutting it off. */
  readonly isLeavingTornEnd: boolean;
  /** After a failed sync the process goes on as if nothing had happened. */
  readonly isIgnoringFailedSync: boolean;
  /** Departures and admissions go on when the journal has no space. */
  readonly isIgnoringFullDisk: boolean;
  /** An old process may append after a new one has taken over. */
  readonly isUnfenced: boolean;
  /** An author's callback runs before what it is called for is recorded. */
  readonly isHookingFirst: boolean;
  /** What a callback says to people is said at once and does not wait for the record to be durable. */
  readonly isBlurting: boolean;
  /** How a world opens that has lost the end of its journal. */
  readonly amnesiaRecord: typeof amnesiaRecord;
  /** Changes what a restart found. */
  readonly onRecovered: (custody: Custody) => void;
}

export const REAL_MACHINES: Machines = {
  stepBorder,
  applyRecord,
  isHasty: () => false,
  isForgettingSuffix: false,
  isSkippingRecord: false,
  isLeavingTornEnd: false,
  isIgnoringFailedSync: false,
  isIgnoringFullDisk: false,
  isUnfenced: false,
  isHookingFirst: false,
  isBlurting: false,
  amnesiaRecord,
  onRecovered: () => {},
};
