/** Who is signed in, as the server wrote it into the page. */

const data = document.documentElement.dataset;

export const person = {
  /** Empty where a page needs no session. */
  email: data.email ?? "",
  isAdmin: data.admin === "true",
};

/** Up to two letters that stand for an address: m.vos@example.org is MV. */
export function initials(email: string): string {
  const parts = (email.split("@")[0] ?? "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const letters =
    parts.length > 1 ? parts.slice(0, 2).map((part) => part.charAt(0)) : [email.slice(0, 2)];
  return letters.join("").toUpperCase();
}
