import { useEffect } from "preact/hooks";
import { SetUp } from "../account/set_up";
import { SettingsPage } from "../account/settings";
import { SignIn } from "../account/sign_in";
import { HealthPage } from "../admin/health_page";
import { ModelsPage } from "../admin/models_page";
import { PeoplePage } from "../admin/people_page";
import { ChatPage } from "../chat/chat_page";
import { HistoryPage } from "../chat/history_page";
import { leave } from "../chat/store";
import { DocumentPage } from "../library/document_page";
import { SearchPage } from "../library/search_page";
import { ShelfPage } from "../library/shelf_page";
import { ShelvesPage } from "../library/shelves_page";
import { t } from "../text_ja";
import { Banner } from "../ui/parts";
import { match, place } from "./router";
import { may, session, startError, startSession } from "./session";
import { Shell } from "./shell";

export function App() {
  const { path, search } = place.value;
  if (match(path, "setup")) return <SetUp token={search.get("token") ?? ""} />;
  if (startError.value) return <Waiting />;
  if (session.value === undefined) return <p class="sr-only" role="status">{t.loading}</p>;
  if (session.value === null) return <SignIn />;
  return <Room path={path} search={search} person={session.value.user.id} />;
}

/** The server did not answer at the start: say so, and try again. */
function Waiting() {
  useEffect(() => {
    const timer = setInterval(() => void startSession(), 5000);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="gate__form" id="main">
      <h1 class="sr-only">Sekisho</h1>
      <Banner kind="warn" title={t.errors.offline} text={t.retrySoon(5)}><button class="btn btn--secondary btn--s" type="button" onClick={() => void startSession()}>{t.tryAgain}</button></Banner>
    </main>
  );
}

function Room({ path, search, person }: { path: string; search: URLSearchParams; person: string }) {
  // What one person saw must not stand there for the next.
  useEffect(() => leave, [person]);
  const questions = match(path, "questions");
  const shelves = match(path, "shelves");
  const documents = match(path, "documents");
  const admin = match(path, "admin");
  if (may.ask() && path === "/") return <ChatPage id="" />;
  if (may.ask() && questions?.[0]) return <ChatPage id={questions[0]} />;
  if (may.ask() && questions) return <HistoryPage />;
  if (may.read() && shelves?.[0]) return <ShelfPage id={shelves[0]} key={shelves[0]} />;
  if (may.read() && shelves) return <ShelvesPage />;
  if (may.read() && match(path, "search")) return <SearchPage words={search.get("q") ?? ""} />;
  if (may.read() && documents?.[0]) return <DocumentPage id={documents[0]} passage={search.get("passage")} key={documents[0]} />;
  if (may.operate() && admin?.[0] === "models") return <ModelsPage />;
  if (may.operate() && admin?.[0] === "people") return <PeoplePage />;
  if (may.operate() && (admin || path === "/")) return <HealthPage />;
  if (match(path, "settings")) return <SettingsPage />;
  if (path === "/" && may.audit()) return <AuditorPage />;
  return <NothingHere />;
}

function AuditorPage() {
  return (
    <Shell room="settings" title={t.audit.title}>
      <div class="main__pad"><div class="page-head"><h1>{t.audit.title}</h1><p class="page-head__lead">{t.audit.lead} <span class="mono">sekisho audit verify</span></p></div></div>
    </Shell>
  );
}

function NothingHere() {
  return (
    <Shell room="settings" title={t.nothingHere.title}>
      <div class="main__pad"><div class="page-head"><h1>{t.nothingHere.title}</h1><p class="page-head__lead">{t.nothingHere.text}</p></div><a class="btn btn--secondary" href="/">{t.nothingHere.back}</a></div>
    </Shell>
  );
}
