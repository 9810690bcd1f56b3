const TOKEN = /\s*(==|!=|=|!|,|\(|\)|[^\s=!,()]+)\s*/y;

/**
 * The words and signs of a label selector, one after the other.
 *
 * @internal
 */
export class Tokens {
  readonly #tokens: string[] = [];
  #position = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    let end = 0;
    while (end < text.length) {
      const match = TOKEN.exec(text);
      // Blanks alone
      if (!match) break;
      this.#tokens.push(match[1]);
      end = TOKEN.lastIndex;
    }
  }

  peek(): string | undefined {
    return this.#tokens[this.#position];
  }

  next(): string | undefined {
    return this.#tokens[this.#position++];
  }
}
