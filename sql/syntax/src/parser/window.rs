//! Windows: partitions, orders, frames.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::select::{Frame, FrameBound, FrameExclusion, FrameUnit, Window};

impl<'a> Parser<'a> {
    /// `([name] [PARTITION BY …] [ORDER BY …] [frame])`
    pub(super) fn window(&mut self) -> SyntaxResult<Window<'a>> {
        self.deeper(|parser| {
            let position = parser.expect(TokenKind::LeftParenthesis)?.start;
            let base = match parser.begins_window_clause()? {
                true => None,
                false if parser.at_name() => Some(parser.name()?),
                false => None,
            };
            let partition = match parser.eat_keyword(Keyword::Partition)? {
                true => {
                    parser.expect_keyword(Keyword::By)?;
                    parser.separated(Parser::expression)?
                }
                false => &[],
            };
            let order = parser.order_by()?;
            let frame = parser.frame()?;
            parser.expect(TokenKind::RightParenthesis)?;
            Ok(Window { base, partition, order, frame, position })
        })
    }

    /// Words of a window's own are no window's name here, as PostgreSQL's precedences decide.
    fn begins_window_clause(&mut self) -> SyntaxResult<bool> {
        Ok(matches!(
            self.kind(),
            TokenKind::Keyword(Keyword::Partition | Keyword::Range | Keyword::Rows | Keyword::Groups)
        ))
    }

    fn frame(&mut self) -> SyntaxResult<Option<Frame<'a>>> {
        let unit = match self.kind() {
            TokenKind::Keyword(Keyword::Rows) => FrameUnit::Rows,
            TokenKind::Keyword(Keyword::Range) => FrameUnit::Range,
            TokenKind::Keyword(Keyword::Groups) => FrameUnit::Groups,
            _ => return Ok(None),
        };
        let position = self.take()?.start;
        let between = self.at_keyword(Keyword::Between) && !self.between_names_column()?;
        let (start, end) = match between {
            true => {
                self.take()?;
                if matches!(
                    self.kind(),
                    TokenKind::Keyword(Keyword::Between | Keyword::Like | Keyword::Ilike | Keyword::Similar)
                ) {
                    return Err(self.unexpected());
                }
                let place = self.position();
                let start = self.frame_bound()?;
                self.expect_keyword(Keyword::And)?;
                let places = (place, self.position());
                let end = self.frame_bound()?;
                self.check_frame(start, end, places)?;
                (start, Some(end))
            }
            false => {
                let place = self.position();
                let start = self.frame_bound()?;
                self.check_frame_start(start, place)?;
                (start, None)
            }
        };
        let exclusion = self.frame_exclusion()?;
        Ok(Some(Frame { unit, start, end, exclusion, position }))
    }

    /// Whether the word is a column's name here: what binds more weakly than it goes on with it.
    fn between_names_column(&mut self) -> SyntaxResult<bool> {
        Ok(matches!(
            self.next()?.kind,
            TokenKind::Less
                | TokenKind::Greater
                | TokenKind::Equals
                | TokenKind::LessEquals
                | TokenKind::GreaterEquals
                | TokenKind::NotEquals
                | TokenKind::DoubleColon
                | TokenKind::Star
                | TokenKind::Slash
                | TokenKind::Percent
                | TokenKind::Caret
                | TokenKind::Dot
                | TokenKind::LeftBracket
                | TokenKind::Keyword(
                    Keyword::In
                        | Keyword::Or
                        | Keyword::And
                        | Keyword::Is
                        | Keyword::Isnull
                        | Keyword::Notnull
                        | Keyword::Collate
                )
        ))
    }

    fn check_frame_start(&self, start: FrameBound<'a>, place: u32) -> SyntaxResult<()> {
        match start {
            FrameBound::UnboundedFollowing => Err(self.refused(Rule::FrameStartsUnboundedFollowing, place)),
            FrameBound::Following(_) => Err(self.refused(Rule::FrameFromFollowingToCurrent, place)),
            FrameBound::UnboundedPreceding | FrameBound::Preceding(_) | FrameBound::CurrentRow => Ok(()),
        }
    }

    /// As PostgreSQL's grammar: all but one are told of the second bound, and a frame that begins after the row and ends at
    /// it is said to have preceding rows.
    fn check_frame(
        &self,
        start: FrameBound<'a>,
        end: FrameBound<'a>,
        (first, second): (u32, u32),
    ) -> SyntaxResult<()> {
        let rule = match (start, end) {
            (FrameBound::UnboundedFollowing, _) => {
                return Err(self.refused(Rule::FrameStartsUnboundedFollowing, first));
            }
            (_, FrameBound::UnboundedPreceding) => Rule::FrameEndsUnboundedPreceding,
            (FrameBound::CurrentRow, FrameBound::Preceding(_)) => Rule::FrameFromCurrentToPreceding,
            (FrameBound::Following(_), FrameBound::Preceding(_) | FrameBound::CurrentRow) => {
                Rule::FrameFromFollowingToPreceding
            }
            _ => return Ok(()),
        };
        Err(self.refused(rule, second))
    }

    fn frame_bound(&mut self) -> SyntaxResult<FrameBound<'a>> {
        // `unbounded` may be a column or a function, too.
        if self.at_keywords(Keyword::Unbounded, Keyword::Preceding)?
            || self.at_keywords(Keyword::Unbounded, Keyword::Following)?
        {
            self.take()?;
            return match self.eat_keyword(Keyword::Preceding)? {
                true => Ok(FrameBound::UnboundedPreceding),
                false => {
                    self.expect_keyword(Keyword::Following)?;
                    Ok(FrameBound::UnboundedFollowing)
                }
            };
        }
        if self.at_keywords(Keyword::Current, Keyword::Row)? {
            self.take()?;
            self.take()?;
            return Ok(FrameBound::CurrentRow);
        }
        let distance = self.boxed_expression()?;
        match self.eat_keyword(Keyword::Preceding)? {
            true => Ok(FrameBound::Preceding(distance)),
            false => {
                self.expect_keyword(Keyword::Following)?;
                Ok(FrameBound::Following(distance))
            }
        }
    }

    fn frame_exclusion(&mut self) -> SyntaxResult<FrameExclusion> {
        if !self.eat_keyword(Keyword::Exclude)? {
            return Ok(FrameExclusion::NoOthers);
        }
        let exclusion = match self.kind() {
            TokenKind::Keyword(Keyword::Current) => {
                self.take()?;
                self.expect_keyword(Keyword::Row)?;
                return Ok(FrameExclusion::CurrentRow);
            }
            TokenKind::Keyword(Keyword::No) => {
                self.take()?;
                self.expect_keyword(Keyword::Others)?;
                return Ok(FrameExclusion::NoOthers);
            }
            TokenKind::Keyword(Keyword::Group) => FrameExclusion::Group,
            TokenKind::Keyword(Keyword::Ties) => FrameExclusion::Ties,
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(exclusion)
    }
}
