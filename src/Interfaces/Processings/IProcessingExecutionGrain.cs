using Grid.Interfaces.Catalogue;
using Orleans;

namespace Grid.Interfaces.Processings;

/// <summary>
/// One execution of a processing, keyed by its id (UUID, lower case). It is the only writer of the execution's row and log, and leads it
/// from CREATED over WAITING and PROGRESS to SUCCESS, FAILURE or ABORTED; losing the process at any instant delays it and no more.
/// </summary>
[Alias("grid.processing-execution")]
public interface IProcessingExecutionGrain : IGrainWithStringKey
{
    /// <summary>
    /// Validates the request and creates the execution and, unless it updates stored data, its output; both are CREATED when this returns.
    /// Throws <see cref="InvalidInputException"/> with every fault found, <see cref="NotFoundException"/> or <see cref="ConflictException"/>.
    /// </summary>
    [Alias("Create")]
    Task CreateAsync(NewExecution request);

    /// <summary>Begins the work and returns. Throws <see cref="ConflictException"/> unless the execution is CREATED.</summary>
    [Alias("Launch")]
    Task LaunchAsync(Initiator initiator);

    /// <summary>Asks the work to stop and returns; the execution is ABORTED a little later. Throws <see cref="ConflictException"/> unless it is WAITING or in PROGRESS.</summary>
    [Alias("Abort")]
    Task AbortAsync(Initiator initiator);

    /// <summary>Sets or removes (null) the callback, a JSON object; refused with <see cref="ConflictException"/> once the execution has ended.</summary>
    [Alias("SetCallback")]
    Task SetCallbackAsync(string? callbackJson);

    /// <summary>Forgets the execution and its log; its output stays. Throws <see cref="ConflictException"/> while it runs.</summary>
    [Alias("Delete")]
    Task DeleteAsync();
}

/// <summary>A request to create an execution.</summary>
/// <param name="Datastore">The datastore in whose name it is made; inputs and output belong to it.</param>
/// <param name="RequestJson">The body as the REST API takes it: processing, inputs, output, parameters, callback.</param>
[GenerateSerializer, Alias("grid.new-execution"), Immutable]
public sealed record NewExecution(
    [property: Id(0)] Guid Datastore, [property: Id(1)] string RequestJson, [property: Id(2)] Initiator Initiator);
