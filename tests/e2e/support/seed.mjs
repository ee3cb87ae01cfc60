// Many messages at once, over the protocol that everybody speaks.

/** The server lets one connection send so many at once; the next connection has an allowance of its own. */
const AT_ONCE = 20;

/** Has the signed-in agent of `inbox` send `texts` into the newest thread, in order. */
export const answer = async (inbox, texts) => {
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    await inbox.page.evaluate(sendAll, texts.slice(from, from + AT_ONCE));
  }
};

/** Runs in the page, because only the server's own origin may speak as an agent. */
const sendAll = async (texts) => {
  const { ticket } = await (await fetch("/v1/ticket", { method: "POST", headers: { "x-rejoin": "1" } })).json();
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/ws`);
  const say = (frame) => socket.send(JSON.stringify(frame));
  const id = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  await new Promise((resolve, reject) => {
    let thread;
    let acknowledged = 0;
    const next = () => say({ t: thread, send: { cid: id(), cts: Date.now(), body: { text: texts[acknowledged] } } });
    socket.onopen = () => say({ hello: { v: 1, ticket } });
    socket.onclose = () => reject(Error("closed"));
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.welcome) say({ inbox: { ver: 0 } });
      // Every message moves the list, which is told again; only the first time matters.
      else if (frame.rows && !thread) say({ t: (thread = frame.rows.rows.at(-1).thread), open: {} });
      else if (frame.synced) next();
      else if (frame.nack || frame.err) reject(Error(data));
      else if (frame.ack && ++acknowledged < texts.length) next();
      else if (frame.ack) resolve();
    };
  });
  socket.onclose = null;
  socket.close();
};
