/** English: short sentences for those who read little Japanese. What happened, why, what to do next. */
import { account } from "./account";
import { admin } from "./admin";
import { chat } from "./chat";
import { common } from "./common";
import { conversations } from "./conversations";
import { errors } from "./errors";
import { library } from "./library";

export const t = { ...common, ...account, ...chat, ...conversations, ...library, ...admin, errors };
export { errorNext, errorWords, noticeWords, personalWords, turnErrorWords } from "./errors";
export { documentErrorWords, noteLines, noteSummary } from "./library";
