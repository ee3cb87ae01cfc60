// What a customer and an agent see and do, by role and accessible name only: the contracts of the interface.
import { expect } from "@playwright/test";

/** Rows of the inbox's log that are no messages. */
const MARKS = /^(Today|Yesterday|New)$/i;

/** The chat on a page of a shop. */
export class Widget {
  /** `words`: names in another language than English. */
  constructor(page, words = {}) {
    const { heading = "Chat", messages = "Messages", message = "Message", send = "Send", close = "Close" } = words;
    this.page = page;
    this.launcher = page.getByRole("button", { name: /^(Open|Close) chat/ });
    this.panel = page.getByRole("dialog", { name: heading });
    this.log = this.panel.getByRole("log", { name: messages });
    this.messages = this.log.getByRole("article");
    this.composer = this.panel.getByRole("textbox", { name: message });
    this.sendButton = this.panel.getByRole("button", { name: send, exact: true });
    this.closeButton = this.panel.getByRole("button", { name: close, exact: true });
    this.status = this.panel.getByRole("status");
  }

  /** The launcher under exactly this name. */
  named = (name) => this.page.getByRole("button", { name, exact: true });

  button = (name) => this.panel.getByRole("button", { name });

  async open() {
    await this.launcher.click();
    await expect(this.panel).toBeVisible();
    await expect(this.composer).toBeFocused();
  }

  async close() {
    await this.closeButton.click();
    await expect(this.panel).toBeHidden();
  }

  /** Writes a message and sends it with the Enter key. */
  async say(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
    await expect(this.composer).toHaveValue("");
  }

  /** The message with this text. */
  message = (text) => this.messages.filter({ hasText: text });

  /** The messages are exactly these, in this order. */
  async expectAll(...texts) {
    await expect(this.messages).toHaveText(texts.map(containing));
  }
}

/** The agent's page. */
export class Inbox {
  constructor(page) {
    this.page = page;
    this.threads = page.getByRole("list", { name: "Threads" });
    this.lines = this.threads.getByRole("link");
    this.log = page.getByRole("log", { name: "Messages" });
    this.messages = this.log.getByRole("listitem").filter({ hasNotText: MARKS });
    this.reply = page.getByRole("textbox", { name: "Reply" });
    this.sendButton = page.getByRole("button", { name: "Send", exact: true });
  }

  async signIn(link) {
    await this.page.goto(link);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await expect(this.page.getByRole("button", { name: "Sign out" })).toBeVisible();
  }

  /** Opens the thread whose line has these words. */
  async open(words) {
    await this.lines.filter({ hasText: words }).click();
    await expect(this.reply).toBeFocused();
  }

  async say(text) {
    await this.reply.fill(text);
    await this.reply.press("Enter");
    await expect(this.reply).toHaveValue("");
  }

  message = (text) => this.messages.filter({ hasText: text });

  /** The line that says how things stand. */
  state = (words) => this.page.getByRole("status").filter({ hasText: words });

  async expectAll(...texts) {
    await expect(this.messages).toHaveText(texts.map(containing));
  }
}

/** A regular expression for any text that contains this one. */
const containing = (text) => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
