//! A greatest matching between two sides (Hopcroft and Karp), in the order in which PostgreSQL finds one.

/// No place yet.
const FAR: usize = usize::MAX;

/// Between places and those that each may be matched with: for each of the one side its match, for each of the other, too.
pub(super) fn greatest(may: &[Vec<usize>]) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
    let mut matching = Matching {
        may,
        of_left: vec![None; may.len()],
        of_right: vec![None; may.len()],
        distances: vec![FAR; may.len()],
        end: FAR,
    };
    while matching.search() {
        for left in 0..may.len() {
            if matching.of_left[left].is_none() {
                matching.extend(Some(left), 0);
            }
        }
    }
    // Who contains whom, and who is contained.
    (matching.of_right, matching.of_left)
}

struct Matching<'m> {
    may: &'m [Vec<usize>],
    of_left: Vec<Option<usize>>,
    of_right: Vec<Option<usize>>,
    distances: Vec<usize>,
    /// How far the end of a path is that is no place.
    end: usize,
}

impl Matching<'_> {
    fn distance(&self, left: Option<usize>) -> usize {
        left.map_or(self.end, |left| self.distances[left])
    }

    /// How far places are from those without a match; whether there is a path to another.
    fn search(&mut self) -> bool {
        let mut queue: Vec<usize> = Vec::new();
        self.end = FAR;
        for left in 0..self.may.len() {
            let free = self.of_left[left].is_none();
            self.distances[left] = if free { 0 } else { FAR };
            queue.extend(free.then_some(left));
        }
        let mut taken = 0;
        while let Some(left) = queue.get(taken).copied() {
            taken += 1;
            let next = self.distances[left].saturating_add(1);
            if self.distances[left] >= self.end {
                continue;
            }
            for right in self.may[left].iter().rev() {
                match self.of_right[*right] {
                    None if self.end == FAR => self.end = next,
                    Some(other) if self.distances[other] == FAR => {
                        self.distances[other] = next;
                        queue.push(other);
                    }
                    None | Some(_) => {}
                }
            }
        }
        self.end != FAR
    }

    /// Follows a path from a place, and matches along it. Paths are as long as there are places at most.
    fn extend(&mut self, left: Option<usize>, depth: usize) -> bool {
        let Some(left) = left else { return true };
        if self.distances[left] == FAR || depth > self.may.len() {
            return false;
        }
        let next = self.distances[left] + 1;
        for place in (0..self.may[left].len()).rev() {
            let right = self.may[left][place];
            let other = self.of_right[right];
            if self.distance(other) == next && self.extend(other, depth + 1) {
                self.of_right[right] = Some(left);
                self.of_left[left] = Some(right);
                return true;
            }
        }
        self.distances[left] = FAR;
        false
    }
}
