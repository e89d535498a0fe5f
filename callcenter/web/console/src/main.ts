import { mount } from "svelte";
import "@fontsource/sarabun/thai-400.css";
import "@fontsource/sarabun/thai-600.css";
import "@fontsource/sarabun/latin-400.css";
import "@fontsource/sarabun/latin-600.css";
import "./app.css";
import App from "./App.svelte";
import Shell from "./Shell.svelte";

const place = document.getElementById("app");
if (place === null) throw new Error("index.html has no place for the console");
mount(App, { target: place, props: { inside: Shell } });
