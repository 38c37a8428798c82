/** Short names of readers, where a whole address would not fit. */

/** The part before the @ where that is enough to tell them apart, else the whole address. */
export function shortNames(emails: readonly string[]): Map<string, string> {
  const locals = emails.map(localOf);
  return new Map(
    emails.map((email) => {
      const local = localOf(email);
      return [email, locals.filter((other) => other === local).length > 1 ? email : local];
    }),
  );
}

function localOf(email: string): string {
  return email.split("@")[0] || email;
}
