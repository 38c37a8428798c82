/** What of a browser the tested modules touch when they are loaded; set up before each test file. */

const page = { documentElement: { dataset: { root: "/prefix", email: "m.vos@example.org" } } };

Object.assign(globalThis, { document: page, window: new EventTarget() });
