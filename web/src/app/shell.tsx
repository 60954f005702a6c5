import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../text";
import { BrandSign, Icon } from "../ui/icons";
import { Toast } from "../ui/toast";
import { place } from "./router";
import { may, session, signOut } from "./session";

export type Room = "ask" | "shelves" | "admin" | "audit" | "settings";

interface ShellProps {
  room: Room;
  title: string;
  /** The left column: on narrow screens it is inside the menu. */
  side?: ComponentChildren;
  sideLabel?: string;
  panel?: ComponentChildren;
  panelState?: "open" | "list";
  /** A strip across the page, for the connection. */
  strip?: ComponentChildren;
  mainClass?: string;
  children: ComponentChildren;
}

/** Header, left column, page and source column. */
export function Shell(props: ShellProps) {
  useEffect(() => { document.title = `${props.title} | Sekisho`; }, [props.title]);
  return (
    <>
      <a class="skip btn btn--secondary" href="#main">{t.skip}</a>
      <Header room={props.room} side={props.side} sideLabel={props.sideLabel} />
      {props.strip}
      <div class={props.panel ? "shell shell--panel" : "shell"} data-panel={props.panelState}>
        {props.side && <aside class="side" aria-label={props.sideLabel}>{props.side}</aside>}
        <main class={props.mainClass ? `main ${props.mainClass}` : "main"} id="main" tabIndex={-1}>{props.children}</main>
        {props.panel}
      </div>
      <Toast />
    </>
  );
}

function links(room: Room): { href: string; word: string; here: boolean }[] {
  return [
    ...(may.ask() ? [{ href: "/", word: t.nav.ask, here: room === "ask" }] : []),
    ...(may.read() ? [{ href: "/shelves", word: t.nav.shelves, here: room === "shelves" }] : []),
    ...(may.operate() ? [{ href: "/admin/health", word: t.nav.admin, here: room === "admin" }] : []),
    ...(may.audit() ? [{ href: "/audit", word: t.nav.audit, here: room === "audit" }] : []),
  ];
}

function Header({ room, side, sideLabel }: { room: Room; side?: ComponentChildren; sideLabel?: string }) {
  const who = session.value;
  const here = links(room);
  return (
    <header class="bar">
      <a class="brand" href={here[0]?.href ?? "/settings"}><BrandSign /><span class="brand__name">Sekisho</span><span class="brand__office">{who?.office.name}</span></a>
      <nav class="nav wide-only" aria-label={t.nav.all}>
        {here.map((link) => <a key={link.href} class="nav__link" href={link.href} aria-current={link.here ? "page" : undefined}>{link.word}</a>)}
      </nav>
      <div class="bar__end">
        <button class="tool wide-only" type="button" onClick={() => void signOut()}>{t.signOut}</button>
        <a class="tool wide-only" href="/settings">{who?.user.display_name}<span class="sr-only">{t.settingsOf}</span><Icon name="right" small /></a>
        <Menu room={room} side={side} sideLabel={sideLabel} />
      </div>
    </header>
  );
}

/** Everything that a narrow screen has no room for. The left column is drawn here only while the menu is open. */
function Menu({ room, side, sideLabel }: { room: Room; side?: ComponentChildren; sideLabel?: string }) {
  const [open, setOpen] = useState(false);
  const path = place.value.path;
  useEffect(() => setOpen(false), [path]);
  const close = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    setOpen(false);
    (event.currentTarget as HTMLElement).querySelector("summary")?.focus();
  };
  return (
    <details class="menu" open={open} onToggle={(event) => setOpen(event.currentTarget.open)} onKeyDown={close}>
      <summary class="tool"><Icon name="menu" />{t.menu}</summary>
      {open && (
        <div class="menu__sheet">
          <nav aria-label={t.menu}>
            {links(room).map((link) => <a key={link.href} href={link.href} aria-current={link.here ? "page" : undefined} onClick={() => setOpen(false)}>{link.word}</a>)}
            <a href="/settings" onClick={() => setOpen(false)}>{t.settingsWith(session.value?.user.display_name ?? "")}</a>
          </nav>
          {side && <div class="menu__side" role="group" aria-label={sideLabel}>{side}</div>}
          <button class="tool tool--edge" type="button" onClick={() => void signOut()}>{t.signOut}</button>
        </div>
      )}
    </details>
  );
}
