"""The verdicts of a test of rules: a line for each, and their counts at the end."""


class Report:
    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def rule(self, name: str, problems: list[str]) -> None:
        if problems:
            self.failed += 1
            print(f"not ok {name}")
            for problem in problems:
                print(f"    {problem}")
        else:
            self.passed += 1
            print(f"ok {name}")

    def skip(self, name: str, reason: str) -> None:
        self.skipped += 1
        print(f"skip {name}: {reason}")

    def counts(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
