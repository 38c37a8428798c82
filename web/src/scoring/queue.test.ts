import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failure } from "../api/http";
import { MemoryStore, type Waiting } from "./answerstore";
import { AnswerQueue, type Sent } from "./queue";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const answer = (value: string, question = "Ki-67"): Omit<Waiting, "serial"> => ({
  key: `m|3|slide:7|${question}`,
  email: "m",
  studyId: 3,
  slideId: 7,
  caseId: null,
  tmaRow: null,
  tmaCol: null,
  question,
  answer: value,
  version: null,
});

/** A server that answers as it is told, and remembers what it was sent. */
function server(...replies: (Sent | Failure | Promise<Sent>)[]) {
  const got: Waiting[] = [];
  const send = async (waiting: Waiting) => {
    got.push(waiting);
    const reply = await (replies.length > 1 ? replies.shift() : replies[0]);
    if (reply instanceof Failure) throw reply;
    return reply as Sent;
  };
  return { got, send, replies };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const stateOf = (queue: AnswerQueue, question = "Ki-67") =>
  queue.states.value.get(answer("", question).key);

test("an answer is kept until the server has said yes", async () => {
  const store = new MemoryStore();
  let yes: (sent: Sent) => void = () => undefined;
  const { send } = server(
    new Promise<Sent>((resolve) => {
      yes = resolve;
    }),
  );
  const queue = new AnswerQueue(send, store);

  await queue.put(answer("30"));
  expect(stateOf(queue)).toEqual({ is: "saving" });
  expect(await store.all()).toHaveLength(1);

  yes({ id: 9 });
  await settle();
  expect(stateOf(queue)).toEqual({ is: "saved" });
  expect(await store.all()).toEqual([]);
});

test("without a network answers wait, the newest of each question alone, and go out by themselves", async () => {
  const { got, send, replies } = server(new Failure("network", ""));
  const store = new MemoryStore();
  const queue = new AnswerQueue(send, store);

  await queue.put(answer("30"));
  await settle();
  await queue.put(answer("40"));
  await queue.put(answer("2+", "Intensity"));
  await settle();
  expect(stateOf(queue)).toEqual({ is: "kept" });
  expect(queue.offlineSince.value).not.toBeNull();
  expect(queue.waitingCount.value).toBe(2);
  expect((await store.all()).map((waiting) => waiting.answer)).toEqual(["40", "2+"]);

  got.length = 0;
  replies[0] = { id: 1 };
  await vi.advanceTimersByTimeAsync(31_000);
  expect(got.map((waiting) => waiting.answer)).toEqual(["40", "2+"]);
  expect(queue.waitingCount.value).toBe(0);
  expect(queue.offlineSince.value).toBeNull();
});

test("waits grow to half a minute and no more", async () => {
  const { got, send } = server(new Failure("server", "", 502));
  const queue = new AnswerQueue(send, new MemoryStore());
  await queue.put(answer("30"));
  await settle();

  const at: number[] = [];
  for (let second = 1; second <= 95; second += 1) {
    const before = got.length;
    await vi.advanceTimersByTimeAsync(1000);
    if (got.length > before) at.push(second);
  }
  expect(at).toEqual([1, 3, 7, 15, 30, 60, 90]);
});

test("an answer given while another is on its way replaces that one, not what stood before", async () => {
  let yes: (sent: Sent) => void = () => undefined;
  const { got, send } = server(
    new Promise<Sent>((resolve) => {
      yes = resolve;
    }),
    { id: 10 },
  );
  const queue = new AnswerQueue(send, new MemoryStore());

  await queue.put(answer("30"));
  await queue.put(answer("40"));
  yes({ id: 9 });
  await settle();

  expect(got.map(({ answer: sent, version }) => [sent, version])).toEqual([
    ["30", null],
    ["40", 9],
  ]);
  expect(stateOf(queue)).toEqual({ is: "saved" });
});

test("a refusal holds up nobody else, and keeps the answer", async () => {
  const { send } = server(new Failure("refused", "answers are final"), { id: 2 });
  const store = new MemoryStore();
  const queue = new AnswerQueue(send, store);

  await queue.put(answer("30"));
  await queue.put(answer("2+", "Intensity"));
  await settle();

  expect(stateOf(queue)).toEqual({ is: "refused", reason: "answers are final" });
  expect(stateOf(queue, "Intensity")).toEqual({ is: "saved" });
  expect(queue.refusedCount.value).toBe(1);
  expect(await store.all()).toHaveLength(1);
});

test("where another answer came between, the reader decides", async () => {
  const clash = { id: 5, answer: "20", changedBy: "m" };
  const { got, send } = server({ clash }, { id: 6 });
  const queue = new AnswerQueue(send, new MemoryStore());
  await queue.put(answer("30"));
  await settle();
  expect(stateOf(queue)).toEqual({ is: "clash", current: clash });

  await queue.insist(answer("").key, 5);
  await settle();
  expect(got.at(-1)?.version).toBe(5);
  expect(stateOf(queue)).toEqual({ is: "saved" });
});

test("an answer that is given up is gone from the browser too", async () => {
  const store = new MemoryStore();
  const { send } = server({ clash: { id: 5, answer: "20", changedBy: "m" } });
  const queue = new AnswerQueue(send, store);
  await queue.put(answer("30"));
  await settle();

  await queue.giveUp(answer("").key);

  expect(await store.all()).toEqual([]);
  expect(queue.refusedCount.value).toBe(0);
});

test("a new page sends what an old one left, of this person alone", async () => {
  const store = new MemoryStore();
  await store.put({ ...answer("30"), serial: 7 });
  await store.put({ ...answer("50"), key: "other", email: "other", serial: 8 });
  const { got, send } = server({ id: 1 });

  const left = await new AnswerQueue(send, store).resume("m");
  await settle();

  expect(left.map((waiting) => waiting.answer)).toEqual(["30"]);
  expect(got.map((waiting) => waiting.answer)).toEqual(["30"]);
  expect((await store.all()).map((waiting) => waiting.email)).toEqual(["other"]);
});

test("an answer that is held goes only when it is known what it replaces", async () => {
  const { got, send } = server({ id: 12 });
  const queue = new AnswerQueue(send, new MemoryStore());
  await queue.put(answer("10"), true);
  await settle();
  expect(got).toEqual([]);
  expect(stateOf(queue)).toEqual({ is: "saving" });
  await queue.release(() => 11);
  await settle();
  expect(got.map(({ version }) => version)).toEqual([11]);
  expect(stateOf(queue)).toEqual({ is: "saved" });
});

test("a session that is over keeps answers, and says why until one is taken again", async () => {
  const { send } = server(new Failure("session", "", 401), { id: 12 });
  const queue = new AnswerQueue(send, new MemoryStore());
  await queue.put(answer("10"));
  await settle();
  expect(queue.needsSignIn.value).toBe(true);
  expect(queue.waitingSlides).toEqual(new Set([7]));
  await vi.advanceTimersByTimeAsync(1000);
  expect(queue.needsSignIn.value).toBe(false);
  expect(stateOf(queue)).toEqual({ is: "saved" });
  expect(queue.waitingSlides).toEqual(new Set());
});
