/** The list of layers: which are shown, how, and the shape that was clicked. */

import { useSignal } from "@preact/signals";
import { areaText, lengthText } from "../drawing/amounts";
import type { Drawing } from "../drawing/drawing";
import type { Group } from "../drawing/group";
import { ToolIcon } from "../drawing/icons";
import { areaOf, lengthOf } from "../drawing/outline";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { OBJECTIVES } from "../viewer/magnification";
import type { LayerEntry } from "./api";
import type { Layers, ShownLayer } from "./layers";
import { layerWords as said } from "./words";

interface Props {
  layers: Layers;
  drawing: Drawing;
}

export function LayersCard({ layers, drawing }: Props) {
  const all = layers.all.value;
  if (all.length === 0) return null;
  return (
    <section class="layers" aria-label={said.title}>
      <h2>{said.title}</h2>
      <ul>
        {all.map((layer) => (
          <LayerRow key={layer.entry.id} layers={layers} layer={layer} />
        ))}
      </ul>
      {layers.picked.value ? (
        <PickedCard layers={layers} drawing={drawing} />
      ) : (
        <p class="layer-hint">{said.hint}</p>
      )}
    </section>
  );
}

function LayerRow({ layers, layer: { entry, style } }: { layers: Layers; layer: ShownLayer }) {
  const isOpen = useSignal(false);
  const power = layers.power.value;
  const isTooFar = power !== null && power < style.fromPower;
  const name = nameOf(layers, entry);
  const act = style.isShown ? said.hide(name) : said.show(name);
  return (
    <li>
      <div class="layer-row">
        <button
          type="button"
          class="layer-name"
          aria-expanded={isOpen.value}
          title={said.look(name)}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          <i class="swatch" style={{ background: style.colour }} />
          <span class="layer-title">
            <span class="clip">{entry.question}</span>
            <span class="clip author">
              {entry.email === layers.email ? said.mine : entry.email}
            </span>
          </span>
        </button>
        <span class="total">
          {isTooFar ? said.notYet(style.fromPower) : said.shapes(entry.count)}
        </span>
        <button
          type="button"
          class="row-act"
          aria-pressed={!style.isShown}
          aria-label={act}
          title={act}
          onClick={() => layers.styles.change(entry, { isShown: !style.isShown })}
        >
          <ToolIcon name={style.isShown ? "shown" : "hidden"} small />
        </button>
      </div>
      {isOpen.value && <LayerLook layers={layers} layer={{ entry, style }} />}
    </li>
  );
}

function LayerLook({ layers, layer: { entry, style } }: { layers: Layers; layer: ShownLayer }) {
  const change = layers.styles.change.bind(layers.styles, entry);
  return (
    <div class="layer-look">
      <label>
        {said.colour}
        <input
          type="color"
          value={style.colour}
          onInput={(event) => change({ colour: event.currentTarget.value })}
        />
      </label>
      <Share
        name={said.opacity}
        value={style.opacity}
        least={0.1}
        most={1}
        on={(opacity) => change({ opacity })}
      />
      <Share
        name={said.fill}
        value={style.fill}
        least={0}
        most={0.4}
        on={(fill) => change({ fill })}
      />
      {layers.power.value !== null && (
        <label>
          {said.from}
          <select
            class="field"
            value={style.fromPower}
            onChange={(event) => change({ fromPower: Number(event.currentTarget.value) })}
          >
            <option value={0}>{said.always}</option>
            {OBJECTIVES.map((power) => (
              <option key={power} value={power}>
                {said.power(power)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

interface ShareProps {
  name: string;
  value: number;
  least: number;
  most: number;
  on: (value: number) => void;
}

function Share({ name, value, least, most, on }: ShareProps) {
  return (
    <label>
      {name}
      <input
        type="range"
        min={least}
        max={most}
        step={0.05}
        value={value}
        aria-valuetext={`${Math.round(100 * value)} %`}
        onInput={(event) => on(Number(event.currentTarget.value))}
      />
    </label>
  );
}

function PickedCard({ layers, drawing }: Props) {
  const picked = layers.picked.value;
  if (!picked) return null;
  const { geometry, index, layer } = picked;
  const [area, length] = [areaOf(geometry), lengthOf(geometry)];
  const mpp = drawing.mpp();
  const isFor = (group: Group | null) =>
    group?.question.kind === "shapes" && drawing.fixed(group) === "";
  const target = [drawing.group.value, ...drawing.groups.value].find(isFor);
  const copy = () => {
    if (!target) return;
    drawing.activate(target.question.name);
    drawing.add(geometry);
  };
  return (
    <div class="picked" role="status">
      <h3>
        <i class="swatch" style={{ background: layer.style.colour }} />
        {said.picked(geometry.kind, index)}
        <IconButton
          icon="close"
          name={said.close}
          onClick={() => {
            layers.picked.value = null;
          }}
        />
      </h3>
      <p>{nameOf(layers, layer.entry)}</p>
      <dl>
        {area !== null && (
          <div>
            <dt>{said.area}</dt>
            <dd>{areaText(area, mpp)}</dd>
          </div>
        )}
        {length !== null && (
          <div>
            <dt>{area === null ? said.length : said.outline}</dt>
            <dd>{lengthText(length, mpp)}</dd>
          </div>
        )}
      </dl>
      {target && (
        <button type="button" class="button small" onClick={copy}>
          <Icon name="copy" small /> {said.copy(target.question.name)}
        </button>
      )}
    </div>
  );
}

function nameOf(layers: Layers, { question, email }: LayerEntry): string {
  return said.pickedOf(question, email === layers.email ? "" : email);
}
