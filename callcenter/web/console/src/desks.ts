import { mount } from "svelte";
import "@fontsource/sarabun/thai-400.css";
import "@fontsource/sarabun/thai-600.css";
import "@fontsource/sarabun/latin-400.css";
import "@fontsource/sarabun/latin-600.css";
import "./app.css";
import App from "./App.svelte";
import Desks from "./desks/Desks.svelte";

const place = document.getElementById("app");
if (place === null) throw new Error("desks.html has no place for the desks");
mount(App, { target: place, props: { inside: Desks, feed: false } });
