/** A button that is only an icon: always named, the name also as its tooltip. */

import { Icon, type IconName } from "./Icon";

interface Props {
  icon: IconName;
  name: string;
  /** The key that does the same, shown in the tooltip. */
  cap?: string;
  pressed?: boolean;
  disabled?: boolean;
  class?: string;
  onClick: () => void;
}

export function IconButton({ icon, name, cap, pressed, disabled, onClick, ...rest }: Props) {
  return (
    <button
      type="button"
      class={`button quiet square ${rest.class ?? ""}`}
      aria-label={name}
      aria-pressed={pressed}
      title={cap ? `${name} (${cap})` : name}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
