// What the widget keeps in a browser: for tests that must know when it is there, and for such as put there what another time or another
// version has left.
import { expect } from "@playwright/test";

/** Waits until the database holds this text: a conversation and a draft are written down a moment after they change. */
export const expectKept = (page, server, text) => expect.poll(() => page.evaluate(everything, `rejoin:${server}:demo`)).toContain(text);

const everything = async (name) => {
  const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
  // Opening a database that is not there would make it.
  if (!(await indexedDB.databases()).some((database) => database.name === name)) return "";
  const database = await done(indexedDB.open(name));
  const all = await done(database.transaction("kv").objectStore("kv").getAll());
  database.close();
  return all.join();
};

/** Makes the waiting message that says `text` longer than the server accepts, as an app with another limit may have left it. */
export const overlong = (page, server, text) =>
  page.evaluate(
    async ([name, wanted]) => {
      const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
      const database = await done(indexedDB.open(name));
      const store = database.transaction("kv", "readwrite").objectStore("kv");
      for (const key of await done(store.getAllKeys())) {
        const record = JSON.parse(await done(store.get(key)));
        if (record.outbox?.body.text !== wanted) continue;
        record.outbox.body.text = wanted.padEnd(8_001, " and so on");
        await done(store.put(JSON.stringify(record), key));
        database.close();
        return;
      }
      throw Error(`no message waits that says ${wanted}`);
    },
    [`rejoin:${server}:demo`, text],
  );
