import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { SetUp } from "../account/set_up";
import { SettingsPage } from "../account/settings";
import { SignIn } from "../account/sign_in";
import { ChatPage } from "../chat/chat_page";
import { HistoryPage } from "../chat/history_page";
import { leave } from "../chat/store";
import { DocumentPage } from "../library/document_page";
import { SearchPage } from "../library/search_page";
import { ShelfPage } from "../library/shelf_page";
import { ShelvesPage } from "../library/shelves_page";
import { language, t } from "../text";
import { BrandSign } from "../ui/icons";
import { Banner, ListState } from "../ui/parts";
import { match, place } from "./router";
import { may, session, startError, startSession } from "./session";
import { Shell } from "./shell";

/** Everything anew in another language: words are read when a part is drawn. */
export function App() {
  return <Parts key={language.value} />;
}

function Parts() {
  const { path, search } = place.value;
  if (match(path, "setup")) return <SetUp token={search.get("token") ?? ""} />;
  if (startError.value) return <Waiting />;
  if (session.value === undefined) return <><div class="bar" aria-hidden="true"><span class="brand"><BrandSign /><span class="brand__name">Sekisho</span></span></div><p class="sr-only" role="status">{t.loading}</p></>;
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

const auditPage = () => import("../admin/audit_page").then((file) => file.AuditPage);
/** Pages of administration, which those who ask questions never load. */
const adminPages: Record<string, () => Promise<ComponentType>> = {
  load: () => import("../admin/load_page").then((file) => file.LoadPage),
  models: () => import("../admin/models_page").then((file) => file.ModelsPage),
  people: () => import("../admin/people_page").then((file) => file.PeoplePage),
  groups: () => import("../admin/groups_page").then((file) => file.GroupsPage),
};
const healthPage = () => import("../admin/health_page").then((file) => file.HealthPage);
const adminPage = (name: string): (() => Promise<ComponentType>) => adminPages[name] ?? healthPage;

/** A page whose script comes when it is opened. */
function Later({ load }: { load: () => Promise<ComponentType> }) {
  const [Page, setPage] = useState<{ page: ComponentType } | null>(null);
  const [failed, setFailed] = useState(false);
  const fetchIt = (): void => { setFailed(false); load().then((page) => setPage({ page }), () => setFailed(true)); };
  useEffect(fetchIt, []);
  if (Page) return <Page.page />;
  return (
    <Shell room="admin" title={t.nav.admin}>
      <div class="main__pad"><ListState loading={!failed} error={failed ? t.errors.offline : null} retry={fetchIt} /></div>
    </Shell>
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
  if (may.operate() && (admin || path === "/")) return <Later load={adminPage(admin?.[0] ?? "")} key={admin?.[0] ?? ""} />;
  if (match(path, "settings")) return <SettingsPage />;
  if (may.audit() && (path === "/" || match(path, "audit"))) return <Later load={auditPage} />;
  return <NothingHere />;
}

function NothingHere() {
  return (
    <Shell room="settings" title={t.nothingHere.title}>
      <div class="main__pad"><div class="page-head"><h1>{t.nothingHere.title}</h1><p class="page-head__lead">{t.nothingHere.text}</p></div><a class="btn btn--secondary" href="/">{t.nothingHere.back}</a></div>
    </Shell>
  );
}
