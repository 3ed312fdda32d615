using Orleans;

namespace Grid.Interfaces.Catalogue;

/// <summary>
/// What the Entrepôt refuses, and why, in sentences for the caller. Grains throw these; only the frontend turns them into statuses and
/// bodies. The message is the sentences joined by newlines.
/// </summary>
[GenerateSerializer, Alias("grid.entrepot-exception")]
public abstract class EntrepotException : Exception
{
    protected EntrepotException(IReadOnlyList<string> sentences)
        : base(string.Join('\n', sentences)) => Sentences = sentences;

    /// <summary>At least one sentence; each holds the value, the object and what is allowed.</summary>
    [Id(0)] public IReadOnlyList<string> Sentences { get; }
}

/// <summary>There is no such entity, or the caller may not know of it.</summary>
[GenerateSerializer, Alias("grid.not-found")]
public sealed class NotFoundException(string sentence) : EntrepotException([sentence])
{
    /// <param name="kind">The kind of entity as producers say it, for example <c>upload</c>.</param>
    public NotFoundException(string kind, Guid id) : this($"There is no {kind} {id}.")
    {
    }
}

/// <summary>The request is well formed but the entity's state, a quota or a taken name forbids it now.</summary>
[GenerateSerializer, Alias("grid.conflict")]
public sealed class ConflictException(string sentence) : EntrepotException([sentence]);

/// <summary>The caller lacks a right.</summary>
[GenerateSerializer, Alias("grid.forbidden")]
public sealed class ForbiddenException(string sentence) : EntrepotException([sentence]);

/// <summary>A body, a parameter or a business rule is wrong, whatever the state.</summary>
[GenerateSerializer, Alias("grid.invalid-input")]
public sealed class InvalidInputException : EntrepotException
{
    public InvalidInputException(string sentence) : base([sentence])
    {
    }

    /// <param name="sentences">Every fault found, so that the caller can mend them all at once.</param>
    public InvalidInputException(IReadOnlyList<string> sentences) : base(sentences)
    {
    }
}
