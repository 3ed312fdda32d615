namespace Grid.Grains.Operations;

/// <summary>
/// Places for work of one kind in one process, as operators see them. Registered as a service beside what it tells of; metrics, reports and
/// pages show every one that is.
/// </summary>
/// <param name="Name">What the work is, in lower case: the value of the label <c>queue</c>.</param>
/// <param name="Places">How much is done at once at most.</param>
/// <param name="Active">How much is in hand now. Any thread may ask.</param>
/// <param name="Waiting">How much waits for a place now. Any thread may ask.</param>
public sealed record WorkQueue(string Name, int Places, Func<int> Active, Func<int> Waiting);
