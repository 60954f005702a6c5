/** Noto Sans JP, cut by unicode-range: a page fetches only the pieces that it shows. Apart from the rest, so that it delays nothing. */
import "@fontsource/noto-sans-jp/400.css";
import "@fontsource/noto-sans-jp/700.css";
