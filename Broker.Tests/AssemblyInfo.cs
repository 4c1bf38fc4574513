// Each test has its own fixture object, and none shares a port, a file or a clock with another: all may run at once.
[assembly: Parallelizable(ParallelScope.All)]
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
