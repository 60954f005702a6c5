import { ApiError, open } from "./client";

export interface ServerEvent { id: string; event: string; data: string }

/** Cuts a text/event-stream into events. Feed it any pieces; an event that never ended is dropped, as the standard says. */
export class EventParser {
  private rest = "";
  private data: string[] = [];
  private event = "";
  private id = "";

  push(piece: string): ServerEvent[] {
    this.rest += piece;
    const lines = this.rest.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    const events: ServerEvent[] = [];
    for (const line of lines) {
      const event = this.take(line);
      if (event) events.push(event);
    }
    return events;
  }

  private take(line: string): ServerEvent | null {
    if (line === "") {
      const event = this.data.length > 0 ? { id: this.id, event: this.event || "message", data: this.data.join("\n") } : null;
      this.data = [];
      this.event = "";
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id") this.id = value;
    return null;
  }
}

/** Reads a stream to its end, event by event. Ends without a word when the connection closes; throws ApiError when it could not be opened or broke. */
export async function readEvents(method: "GET" | "POST", path: string, body: unknown, signal: AbortSignal, take: (event: ServerEvent) => void): Promise<void> {
  const response = await open(method, path, body, { signal, accept: "text/event-stream" });
  if (!response.body) throw new ApiError("offline", "no body", response.status, "");
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const event of parser.push(decoder.decode(value, { stream: true }))) take(event);
    }
  } catch (cause) {
    if (signal.aborted) throw new ApiError("cancelled", "", 0, "");
    throw cause instanceof ApiError ? cause : new ApiError("offline", String(cause), 0, "");
  }
}
