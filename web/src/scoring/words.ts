/** Words of the sheet beside those of the whole viewer. */

export const sheetWords = {
  nextCore: "Next unscored core",
  coresDone: "cores done",
  goesOn: { core: "Go on after the last answer", slide: "Go on after the last answer" },
  allDone: (count: number) =>
    count === 1 ? "The slide is done." : `All ${count} slides are done.`,
  thanks: "Thank you.",
  backToStudies: "Back to studies",
  hSum: (sum: number) => `${sum} % positive`,
  signIn: (count: number) =>
    `Signed out · ${count} ${count === 1 ? "answer" : "answers"} kept on this computer`,
  keptUntilSignIn: (count: number) =>
    count === 0
      ? ""
      : `${count} ${count === 1 ? "answer is" : "answers are"} kept on this computer and ${count === 1 ? "goes" : "go"} out after that.`,
  majority: (answer: string, count: number, readers: number) =>
    `majority ${answer}, ${count} of ${readers}`,
  noMajority: (readers: number) =>
    readers === 0 ? "no other answer yet" : `no majority among ${readers}`,
  dots: (count: number) => `${count} ${count === 1 ? "other reader" : "other readers"}`,
  waitingMark: "waiting to be sent",
  finalToast: "Answers in this study are final.",
};
