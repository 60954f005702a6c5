import { render } from "preact";
import { App } from "./app/app";
import { applyPreferences } from "./app/preferences";
import { startRouter } from "./app/router";
import { startSession } from "./app/session";
import { startLanguage } from "./text";
import "./ui/tokens.css";
import "./ui/components.css";
import "./ui/page.css";

applyPreferences();
startRouter();
void startLanguage().then(() => render(<App />, document.body));
void startSession();
void import("./ui/fonts");
