// The basket of the sample shop: a few lines in this tab's session storage.
(() => {
  const LAMPS = {
    halo: { name: "Halo", price: 189 },
    fjord: { name: "Fjord", price: 149 },
    birk: { name: "Birk", price: 265 },
    mane: { name: "Måne", price: 119 },
    siv: { name: "Siv", price: 59 },
    elv: { name: "Elv", price: 139 },
  };
  const KEY = "nordlys.basket";
  const FREE_DELIVERY_EUROS = 100;
  const DELIVERY_EUROS = 9;

  const euros = (amount) => `€ ${amount}`;
  const one = (selector) => document.querySelector(selector);

  /** Lamp → pieces. Storage may be forbidden or hold nonsense; the basket is then empty. */
  const load = () => {
    try {
      const saved = Object.entries(JSON.parse(sessionStorage.getItem(KEY)) ?? {});
      return Object.fromEntries(saved.filter(([id, pieces]) => LAMPS[id] && Number.isInteger(pieces) && pieces > 0));
    } catch {
      return {};
    }
  };
  const save = () => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(basket));
    } catch {
      // It lives as long as this page.
    }
    show();
  };

  const make = (tag, attributes, ...children) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  };

  const line = ([id, pieces]) => {
    const { name, price } = LAMPS[id];
    const step = (label, change) => {
      const button = make("button", { type: "button", textContent: change < 0 ? "−" : "+" });
      button.setAttribute("aria-label", `${label} ${name}`);
      button.dataset.step = id + change;
      button.addEventListener("click", () => {
        basket[id] += change;
        if (!basket[id]) delete basket[id];
        save();
        one(`[data-step="${id + change}"]`)?.focus();
      });
      return button;
    };
    return make(
      "li",
      {},
      make("img", { src: `art/${id}.svg`, alt: "", width: 88, height: 88 }),
      make("a", { href: `${id}.html`, textContent: name }),
      make("span", { className: "pieces" }, step("One less", -1), make("span", { textContent: pieces }), step("One more", 1)),
      make("span", { className: "price", textContent: euros(price * pieces) }),
    );
  };

  const show = () => {
    const lines = Object.entries(basket);
    const count = lines.reduce((sum, [, pieces]) => sum + pieces, 0);
    const badge = one("[data-count]");
    badge.hidden = !count;
    badge.textContent = count;
    if (!one("[data-lines]")) return;
    const sum = lines.reduce((total, [id, pieces]) => total + LAMPS[id].price * pieces, 0);
    const delivery = sum >= FREE_DELIVERY_EUROS ? 0 : DELIVERY_EUROS;
    one("[data-lines]").replaceChildren(...lines.map(line));
    one("[data-sum]").textContent = euros(sum);
    one("[data-delivery]").textContent = delivery ? euros(delivery) : "free";
    one("[data-total]").textContent = euros(sum + delivery);
    one("[data-checkout]").hidden = !count;
    one("[data-empty]").hidden = !!count || !one("[data-thanks]").hidden;
  };

  let basket = load();
  show();
  // A page that comes back by the Back button was frozen with the basket of then.
  addEventListener("pageshow", () => show((basket = load())));

  one("[data-add]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const id = event.target.dataset.add;
    basket[id] = (basket[id] ?? 0) + 1;
    save();
    const go = make("a", { href: "basket.html", textContent: "See your basket" });
    event.target.querySelector("[role=status]").replaceChildren(`${LAMPS[id].name} is in your basket. `, go);
  });

  one("[data-order]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const thanks = one("[data-thanks]");
    one("[data-number]").textContent = `N-${1000 + Math.floor(Math.random() * 9000)}`;
    thanks.hidden = false;
    basket = {};
    save();
    thanks.focus();
  });

  one("[data-chat]")?.addEventListener("click", () => window.Rejoin?.open());
})();
