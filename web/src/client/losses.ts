/** Engines that are lost one after the other: asking again starts another, but not for ever. */
import { toQingshengError } from "../errors.ts";

/** An engine that is lost so often without one chunk between is not asked again. */
const MOST_LOST = 3;

export class Losses {
  private count = 0;

  /** A chunk came. */
  forget(): void {
    this.count = 0;
  }

  /** Whether what failed so may be asked for again. */
  mayAskAgain(error: unknown): boolean {
    if (toQingshengError(error).code !== "worker.lost") return false;
    this.count += 1;
    return this.count < MOST_LOST;
  }
}
