using Grid.Interfaces.Catalogue;

namespace Grid.Grains.Catalogue;

/// <summary>Something that happened to an entity and that producers see: <c>Création</c>, <c>Génération</c>, <c>Modification</c>…</summary>
public sealed record EntityEvent(string Title, Initiator Initiator, string? Text = null);
