import { render } from "preact";
import { App } from "./app/app";
import { applyPreferences } from "./app/preferences";
import { startRouter } from "./app/router";
import { startSession } from "./app/session";
import "./ui/tokens.css";
import "./ui/components.css";
import "./ui/page.css";

applyPreferences();
startRouter();
render(<App />, document.body);
void startSession();
void import("./ui/fonts");
