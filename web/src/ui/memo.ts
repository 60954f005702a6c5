import { Component, createElement, type ComponentType } from "preact";

/** Draws again only when `same` says that the properties differ. */
export function memo<P extends object>(Inner: ComponentType<P>, same: (before: P, after: P) => boolean): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean { return !same(this.props, next); }
    override render() { return createElement(Inner, this.props as P & { key?: string }); }
  };
}
