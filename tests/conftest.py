"""Options of the test run: keep the services between runs; the plugins that start them and write down what was shown."""

pytest_plugins = ["tests.services", "tests.reports"]


def pytest_addoption(parser):
    group = parser.getgroup("talentpulse")
    group.addoption("--keep-stack", action="store_true", help="use services that run from before, leave them running")
