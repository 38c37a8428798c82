/** An old QuPath project comes back with links that hold for another year. */

import { useSignal } from "@preact/signals";
import { isObject, number, post, text } from "../../api/http";
import { type Problem, problemOf } from "../../ui/failure";
import { Trouble } from "./Trouble";
import { words } from "./words";

interface Renewed {
  address: string;
  name: string;
  count: number;
}

export function Renew() {
  const said = words.renew;
  const problem = useSignal<Problem | null>(null);
  const renewed = useSignal<Renewed | null>(null);

  const renew = async (file: File) => {
    problem.value = null;
    if (renewed.value) URL.revokeObjectURL(renewed.value.address);
    renewed.value = null;
    try {
      const reply = await post("RenewQupathProject", { project: await file.text() });
      if (!isObject(reply)) return;
      const made = new Blob([text(reply.project)], { type: "application/json" });
      renewed.value = {
        address: URL.createObjectURL(made),
        name: file.name,
        count: number(reply.renewed) ?? 0,
      };
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };

  return (
    <>
      <div class="heading">
        <h1>{said.title}</h1>
      </div>
      <p class="about">{said.about}</p>
      <label class="panel-card drop">
        <span>{said.choose}</span>
        <input
          type="file"
          accept=".qpproj,application/json"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) void renew(file);
          }}
        />
      </label>
      <Trouble problem={problem.value} />
      {renewed.value && (
        <p class="said" role="status">
          {said.done(renewed.value.count)}{" "}
          <a href={renewed.value.address} download={renewed.value.name}>
            {said.save(renewed.value.name)}
          </a>
        </p>
      )}
    </>
  );
}
