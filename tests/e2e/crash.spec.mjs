import { expect, NETWORK, test } from "./support/fixtures.mjs";

test.use({ expectedErrors: NETWORK });

/** More than the server takes at once, so that a kill always finds some on their way. */
const BURST = 12;

/** Ids of sent texts, and of those the server has acknowledged, over all of a page's connections. */
const record = (page) => {
  const texts = new Map();
  const acknowledged = new Set();
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      const { send } = JSON.parse(payload);
      if (send) texts.set(send.cid, send.body.text);
    });
    socket.on("framereceived", ({ payload }) => {
      const { ack } = JSON.parse(payload);
      if (ack) acknowledged.add(ack.cid);
    });
  });
  return () => [...acknowledged].map((cid) => texts.get(cid));
};

/** What messages say that begin with `word`, in order. */
const texts = async (messages, word) => {
  const all = await messages.allTextContents();
  return all.map((text) => text.match(new RegExp(`${word} \\d+\\.`))?.[0]).filter(Boolean);
};

test("a server killed while both sides write loses nothing, doubles nothing and keeps the order", async ({ server, visit, agent }) => {
  const widget = await visit();
  const acknowledged = record(widget.page);
  await widget.page.reload();
  await widget.open();
  await widget.say("Question 0.");
  const inbox = await agent(server);
  await inbox.open("Question 0.");
  await expect(widget.message("Question 0.")).toContainText("Seen");

  for (let n = 1; n <= BURST; n++) await widget.say(`Question ${n}.`);
  for (let n = 1; n <= BURST; n++) await inbox.say(`Answer ${n}.`);
  await expect.poll(() => acknowledged().length).toBeGreaterThan(3);
  await server.kill();
  await expect(widget.status).toHaveText(/^Offline. \d+ messages? waiting to send$/);
  const sure = acknowledged();
  expect(sure.length).toBeLessThan(BURST);
  await widget.say("Question 13.");
  await inbox.say("Answer 13.");
  await server.start();
  await expect.poll(() => acknowledged().length).toBeGreaterThan(sure.length);
  await server.kill();
  await server.start();

  const wanted = (word, from) => Array.from({ length: 14 - from }, (_, n) => `${word} ${n + from}.`);
  for (const { messages } of [widget, inbox]) {
    await expect.poll(() => texts(messages, "Question")).toEqual(wanted("Question", 0));
    await expect.poll(() => texts(messages, "Answer")).toEqual(wanted("Answer", 1));
  }
  await expect(widget.status).toHaveText("Up to date");
  await expect(inbox.state("Up to date")).toBeVisible();
  const order = (messages) => texts(messages, "(?:Question|Answer)");
  expect(await order(widget.messages)).toEqual(await order(inbox.messages));
  expect(await order(inbox.messages)).toEqual(expect.arrayContaining(sure));
  expect(await server.command("check")).toContain("1 thread, 27 messages: every log is whole");
});
