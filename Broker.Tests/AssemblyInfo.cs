// Each test has its own fixture object, and none shares a port, a file or a clock with another: all may run at the same time.
[assembly: Parallelizable(ParallelScope.All)]

// Most of the long ones wait for other processes: with one worker per core, two waiting ones would keep all others from running.
[assembly: LevelOfParallelism(8)]
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
