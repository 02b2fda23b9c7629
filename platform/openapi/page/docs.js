// The document at /openapi.json, for people: every route, what it takes, what it answers, and who may ask. What it says becomes text,
// never markup.
import { fieldsOf, typeOf } from "./docs_schema.js";
import { make, prose } from "./docs_dom.js";

const element = (id) => document.getElementById(id);
const METHODS = ["get", "post", "patch", "delete"];

function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    METHODS.filter((method) => methods[method]).map((method) => ({ path, method, ...methods[method] }))
  );
}

/** Those that stand in the document once are told where they are used. */
function resolved(answer, api) {
  return answer.$ref ? api.components.responses[answer.$ref.split("/").at(-1)] : answer;
}

function contentOf({ content = {} }) {
  return Object.entries(content).flatMap(([type, { schema }]) => [
    make("p", {}, [make("code", { text: type }), " ", typeOf(schema)]),
    ...fieldsOf(schema),
  ]);
}

function parametersOf({ parameters = [] }) {
  if (parameters.length === 0) return [];
  const rows = parameters.flatMap(({ name, in: place, required, schema, description }) => [
    make("dt", {}, [make("code", { text: name })]),
    make("dd", {}, [
      make("span", { className: "quiet" }, [`${place}, `, typeOf(schema), required ? ", needed" : ""]),
      description ? ": " : "",
      ...prose(description),
    ]),
  ]);
  return [make("h4", { text: "Takes" }), make("dl", {}, rows)];
}

function answersOf({ responses }, api) {
  const answers = Object.entries(responses).map(([status, answer]) => [status, resolved(answer, api)]);
  const good = answers.filter(([status]) => status < 400);
  const bad = answers.filter(([status]) => status >= 400);
  const row = ([status, answer], content) => [
    make("dt", { text: status }),
    make("dd", {}, [...prose(answer.description), ...content]),
  ];
  return [
    make("h4", { text: "Answers" }),
    make("dl", {}, good.flatMap((entry) => row(entry, contentOf(entry[1])))),
    make("details", {}, [
      make("summary", { text: `Errors: ${bad.map(([status]) => status).join(", ")}` }),
      make("dl", {}, bad.flatMap((entry) => row(entry, []))),
    ]),
  ];
}

function articleOf(operation, api) {
  const { method, path, operationId, summary, description, requestBody } = operation;
  const action = operation["x-action"];
  const heading = `${operationId}-title`;
  return make("article", { id: operationId, "aria-labelledby": heading }, [
    make("h3", { id: heading, text: `${method.toUpperCase()} ${path}` }),
    make("p", {}, prose(summary)),
    ...description ? [make("p", {}, prose(description))] : [],
    make("p", { className: "quiet", text: action ? `For whoever may ${action}.` : "For everybody." }),
    ...parametersOf(operation),
    ...requestBody ? [make("h4", { text: "Body" }), ...contentOf(requestBody)] : [],
    ...answersOf(operation, api),
  ]);
}

function show(api) {
  const { title, version, description } = api.info;
  document.title = `${title} API`;
  element("title").textContent = `${title} API`;
  element("version").textContent = version;
  element("about").replaceChildren(...prose(description));
  const operations = operationsOf(api);
  for (const { name } of api.tags) {
    const own = operations.filter(({ tags }) => tags.includes(name));
    const id = `tag-${name}`;
    element("operations").append(
      make("section", { "aria-labelledby": id }, [
        make("h2", { id, text: name }),
        ...own.map((operation) => articleOf(operation, api)),
      ]),
    );
    const link = ({ operationId, method, path }) =>
      make("li", {}, [make("a", { href: `#${operationId}`, text: `${method.toUpperCase()} ${path}` })]);
    element("contents").append(make("h2", { text: name }), make("ul", {}, own.map(link)));
  }
  element("schemas").append(
    ...Object.entries(api.components.schemas).map(([name, schema]) =>
      make("article", { id: `schema-${name}`, "aria-labelledby": `schema-${name}-title` }, [
        make("h3", { id: `schema-${name}-title`, text: name }),
        make("p", {}, prose(schema.description)),
        ...fieldsOf(schema),
      ])
    ),
  );
  // What the address names was not there yet.
  if (location.hash) element(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

try {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error(`it was answered with ${answer.status}`);
  show(await answer.json());
} catch (error) {
  element("failure").textContent = `Cannot show the API: ${error.message}`;
}
