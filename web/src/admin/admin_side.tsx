import { t } from "../text";

export function AdminSide({ here }: { here: "health" | "load" | "people" | "groups" | "models" }) {
  return (
    <nav class="side__group side__group--first" aria-label={t.admin.items}>
      <h2 class="side__head">{t.nav.admin}</h2>
      <ul>
        {(["health", "load", "models", "people", "groups"] as const).map((page) => (
          <li key={page}><a class="item" href={`/admin/${page}`} aria-current={page === here ? "page" : undefined}><span class="item__text">{t.admin.pages[page]}</span></a></li>
        ))}
      </ul>
    </nav>
  );
}
