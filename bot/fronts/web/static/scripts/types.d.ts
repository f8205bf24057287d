// What the room sends, as its Python side writes it (forms.py, views.py), and what scripts share.

/** What can be asked for here; a message that names no command asks for the first of them. */
export interface Room {
  hashtag: string;
  prefix: string;
  help: string; // the message that asks for help
  limits: { picture_bytes: number; text: number };
  commands: Command[];
  samples: Sample[];
}

export interface Command {
  name: string;
  label: string;
  verb: string; // what the button says
  about: string;
  example: string;
  inputs: Input[]; // in the order of the pictures
  options: Option[]; // everyday ones first
}

/** Pictures of one role; with `when`, they belong to a command only where an option says so. */
export interface Input {
  role: string;
  label: string;
  about: string;
  kind: string;
  least: number;
  most: number;
  when: Record<string, string> | null;
  drawn: Drawing | null;
}

/** How a picture is drawn: over that of a role, if there is one; colours as CSS writes them. */
export interface Drawing {
  over: string;
  colours: Record<string, string>;
}

/** An option; values are spelled as people write them. */
export interface Option {
  name: string;
  label: string;
  about: string;
  example: string;
  kind: "whole" | "number" | "flag" | "choice" | "text";
  choices: string[]; // all there are, or for a number those to offer, such as auto and 100
  words: Record<string, string>; // what some values mean
  unit: string;
  low: number;
  high: number;
  usual: string | null; // where nobody says otherwise
  expert: boolean;
}

export interface Sample {
  url: string;
  file: string;
  title: string;
  kind: string;
  alt: string;
  beside: string[]; // the files of those that come along with it
}

/** A picture that is to be sent, and what it is for. */
export interface Given {
  file: File;
  role: string;
}

export interface Picture {
  url: string;
  role: string;
  name: string;
  alt: string;
  media_type: string;
  subject: boolean; // whether what comes of it is this picture, changed
}

export interface JobFile {
  role: string; // "result" is what was asked for
  url: string;
  media_type: string;
  name: string;
  alt: string; // empty where nobody says it
  seamless?: boolean; // can be repeated
}

/** A file that is shown, of a message or of a job. */
export type Shown = JobFile;

/** The loss so far, at some of the steps: its terms, and the first step of each scale. */
export interface Curve {
  steps: number[];
  terms: Record<string, number[]>; // the total first
  scales: number[];
}

export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  position: number | null;
  wait: number | null;
  progress: number;
  step: number | null;
  steps: number | null;
  preview: string | null;
  curve: Curve | null;
  files: JobFile[];
  result_url: string | null;
  film_url: string | null;
  error: string | null;
  width: number;
  height: number;
  replies: Reply[];
}

/** What one may say in reply to an answer, and what a button for it says. */
export interface Reply {
  label: string;
  text: string;
}

export interface Message {
  id: number;
  author: "you" | "bot";
  text: string;
  pictures: Picture[];
  job: Job | null;
}

/** What a person said with its pictures. */
export type Said = Pick<Message, "text" | "pictures">;

/** Where a job stands, in words, too. */
export interface News {
  text: string;
  job: Job;
}

/** The answer to a message that was posted. */
export interface Posted {
  id: number;
  reply: string;
  refused: boolean;
  job?: { id: string };
}

/** The events of the room. */
export interface Handlers {
  room: (room: { messages: Message[] }) => void;
  message: (message: Message) => void;
  progress: (news: News) => void;
}
