import { expect, it, vi } from "vitest";
import { QingshengError } from "../errors.ts";
import type { Chunk } from "../protocol.ts";
import { RemoteStream } from "./remote-stream.ts";

const chunk = (index: number) => ({ index }) as Chunk;

function opened() {
  const requests = { next: vi.fn(), close: vi.fn() };
  return { requests, stream: new RemoteStream(requests) };
}

it("asks a little ahead, gives chunks in order and then the end", async () => {
  const { requests, stream } = opened();
  const first = stream.next();
  expect(requests.next).toHaveBeenCalledTimes(2);
  stream.deliver(chunk(0));
  stream.deliver(chunk(1));
  expect((await first)?.index).toBe(0);
  expect((await stream.next())?.index).toBe(1);
  stream.end();
  expect(await stream.next()).toBeUndefined();
  stream.close();
  expect(requests.close).not.toHaveBeenCalled();
});

it("gives what was made before a failure, then the failure, again and again", async () => {
  const { stream } = opened();
  const first = stream.next();
  stream.deliver(chunk(0));
  stream.fail(new QingshengError("worker.lost", "gone"));
  expect((await first)?.index).toBe(0);
  await expect(stream.next()).rejects.toMatchObject({ code: "worker.lost" });
  await expect(stream.next()).rejects.toMatchObject({ code: "worker.lost" });
});

it("settles whoever waits when it is closed", async () => {
  const { requests, stream } = opened();
  const waiting = stream.next();
  stream.close();
  stream.close();
  await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
  expect(requests.close).toHaveBeenCalledTimes(1);
});
