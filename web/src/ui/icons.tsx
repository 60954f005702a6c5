/** Drawings of 24 × 24; an icon always stands beside a word or inside a control that has a name. */
const paths = {
  plus: ["M12 5v14M5 12h14"],
  down: ["m6 9.5 6 6 6-6"],
  left: ["m14.5 6-6 6 6 6"],
  right: ["m9.5 6 6 6-6 6"],
  menu: ["M4.5 7h15M4.5 12h15M4.5 17h15"],
  close: ["m6 6 12 12M18 6 6 18"],
  check: ["m5 12.5 4.5 4.5L19 7.5"],
  copy: ["M8.5 8.5h11v11h-11Z", "M5.5 15.5h-1v-11h11v1"],
  again: ["M19 12a7 7 0 1 1-2-4.9", "M19.5 4v4.5H15"],
  inspect: ["m4 6.5 1.5 1.5L8 5.5M4 14.5 5.5 16 8 13.5M11.5 7H20M11.5 15H20"],
  pen: ["M5 19v-3.5L15.5 5 19 8.5 8.5 19ZM13 7.5l3.5 3.5"],
  paper: ["M6 3.5h8L18.5 8v12.5H6ZM13.5 4v4.5H18"],
  save: ["M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14"],
  search: ["M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z", "m15.5 15.5 4.5 4.5"],
  info: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z", "M12 11v5.5M12 7.5v.25"],
  ok: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z", "m8 12.5 2.75 2.75L16 9.5"],
  busy: ["M12 3a9 9 0 1 1-9 9", "M12 7v5h4"],
  wait: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z", "M12 7v5.25l3.5 2"],
  warn: ["M12 4 21.5 20h-19Z", "M12 10v4.5M12 17.25v.25"],
  bad: ["M8.25 3h7.5L21 8.25v7.5L15.75 21h-7.5L3 15.75v-7.5Z", "m9 9 6 6M15 9l-6 6"],
  more: ["M5 12h.25M12 12h.25M19 12h.25"],
  pin: ["M8.5 4h7l-1 7 3 3.5h-11l3-3.5ZM12 14.5V20"],
  folder: ["M3.5 6h6l2 2.5h9v10h-17Z"],
  box: ["M4 8.5h16v11H4ZM3.5 4.5h17v4h-17ZM10 12h4"],
  clip: ["m8 12.5 5-5a2.5 2.5 0 0 1 3.5 3.5l-7 7a4 4 0 0 1-5.75-5.75L11 5"],
  bin: ["M4.5 7h15M9 7V4.5h6V7M6.5 7l1 12.5h9l1-12.5"],
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, small = false }: { name: IconName; small?: boolean }) {
  return (
    <svg class={small ? "icon icon--s" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
      {paths[name].map((path) => <path key={path} d={path} />)}
    </svg>
  );
}

export function StopIcon() {
  return <svg class="icon icon--s" viewBox="0 0 24 24" aria-hidden="true"><path class="icon__full" d="M6.5 6.5h11v11h-11Z" /></svg>;
}

export function BrandSign() {
  return (
    <svg class="brand__sign" viewBox="0 0 28 28" aria-hidden="true">
      <path class="brand__ground" d="M0 0h28v28H0z" />
      <path class="brand__post" d="M6 6h16v17h-3V9H9v14H6zM12 13h4v4h-4z" />
    </svg>
  );
}
