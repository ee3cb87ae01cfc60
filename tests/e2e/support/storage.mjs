// What the widget keeps in a browser, for tests that put there what another time or another version has left.

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
